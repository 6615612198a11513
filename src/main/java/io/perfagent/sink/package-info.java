/** Where the intervals of a run that goes on are taken to. */
package io.perfagent.sink;
