/** Profile encoders. */
package io.perfagent.output;
