/** What a run says: its lines on stderr, and the truth of each interval. */
package io.perfagent.report;
