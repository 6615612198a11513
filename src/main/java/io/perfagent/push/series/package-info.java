/** The processes of a profile told apart, each with its labels, in parts that stores take. */
package io.perfagent.push.series;
