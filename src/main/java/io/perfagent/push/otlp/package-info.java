/** Profiles as OpenTelemetry has them. */
package io.perfagent.push.otlp;
