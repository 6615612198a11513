/** Profiles sent to stores: which, in which way, and what became of them. */
package io.perfagent.push;
