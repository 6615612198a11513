/** Profiles that have been written: looked at as text, compared, written as something else. */
package io.perfagent.view;
