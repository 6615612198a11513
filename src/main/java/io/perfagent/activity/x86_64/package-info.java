/** System calls as x86-64 numbers them. */
package io.perfagent.activity.x86_64;
