/** Parsers of {@code /proc}. */
package io.perfagent.procfs;
