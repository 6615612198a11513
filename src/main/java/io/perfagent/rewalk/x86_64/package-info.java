/** The rules of the walker in the kernel, carried out in user space, for x86-64. */
package io.perfagent.rewalk.x86_64;
