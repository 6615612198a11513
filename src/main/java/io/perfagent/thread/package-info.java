/** The program's threads. */
package io.perfagent.thread;
