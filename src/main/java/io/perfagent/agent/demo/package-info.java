/** A first profile without a service of one's own: a small web shop under load, profiled for ten seconds. */
package io.perfagent.agent.demo;
