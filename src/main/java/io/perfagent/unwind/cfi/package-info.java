/** Call-frame information as files hold it: the sections' entries, instructions and expressions. */
package io.perfagent.unwind.cfi;
