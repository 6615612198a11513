/** Unwind rules in the row encoding of x86-64. */
package io.perfagent.unwind.x86_64;
