/** Options and the program's entry. */
package io.perfagent.cli;
