/** Takes samples: perf events in, sample records out. */
package io.perfagent.sample;
