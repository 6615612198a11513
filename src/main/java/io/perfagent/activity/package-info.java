/** What threads do while they do not run: system calls by their names, and what a wait is for. */
package io.perfagent.activity;
