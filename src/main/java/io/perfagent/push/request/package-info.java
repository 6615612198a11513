/** What is sent to stores of profiles, whatever store it is. */
package io.perfagent.push.request;
