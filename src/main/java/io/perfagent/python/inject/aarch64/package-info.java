/** The routine that runs in the target, for aarch64. */
package io.perfagent.python.inject.aarch64;
