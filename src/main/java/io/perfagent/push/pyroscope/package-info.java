/** Profiles as Pyroscope takes them. */
package io.perfagent.push.pyroscope;
