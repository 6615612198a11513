/** A run that goes on: what it counts, where its files are, what it answers. */
package io.perfagent.service;
