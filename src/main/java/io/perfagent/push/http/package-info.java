/** Requests sent, and what an answer means. */
package io.perfagent.push.http;
