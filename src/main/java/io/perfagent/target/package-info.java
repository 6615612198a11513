/** Which processes are profiled. */
package io.perfagent.target;
