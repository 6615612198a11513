/** The second walker: goes on in user space with samples whose walk stopped in the kernel. */
package io.perfagent.rewalk;
