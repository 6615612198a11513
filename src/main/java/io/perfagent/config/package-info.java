/** Settings in a file. */
package io.perfagent.config;
