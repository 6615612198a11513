/** Threads where they are now: which there are, and the stacks of those that wait, read without stopping them. */
package io.perfagent.dump;
