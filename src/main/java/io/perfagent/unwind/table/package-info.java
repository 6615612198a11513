/** The rows that the walker searches, and the rules that they refer to. */
package io.perfagent.unwind.table;
