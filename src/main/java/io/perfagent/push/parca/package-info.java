/** Profiles as Parca and Polar Signals take them. */
package io.perfagent.push.parca;
