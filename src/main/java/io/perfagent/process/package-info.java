/** Which processes there are, what they run, and what happens to them. */
package io.perfagent.process;
