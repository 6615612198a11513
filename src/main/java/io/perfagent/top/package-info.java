/** A run looked at while it goes on, in a terminal. */
package io.perfagent.top;
