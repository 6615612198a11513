/** What waits to be sent, in files. */
package io.perfagent.push.queue;
