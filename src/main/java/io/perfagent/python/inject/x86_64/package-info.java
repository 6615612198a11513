/** The routine that runs in the target, for x86-64. */
package io.perfagent.python.inject.x86_64;
