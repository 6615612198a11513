/** Calling functions inside a running interpreter. */
package io.perfagent.python.inject;
