/** The Linux system calls that the agent needs, through the foreign function and memory API. */
package io.perfagent.linux;
