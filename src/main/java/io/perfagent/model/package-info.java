/** Records and enums that the stages hand each other. No I/O. */
package io.perfagent.model;
