/** System calls as x86-64 numbers them. */
package io.perfagent.dump.x86_64;
