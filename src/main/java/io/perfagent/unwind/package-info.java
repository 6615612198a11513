/** {@code .eh_frame} compiled into the tables that the kernel walks. */
package io.perfagent.unwind;
