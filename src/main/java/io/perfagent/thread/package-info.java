/** The threads of a run, and how they ask each other. */
package io.perfagent.thread;
