package io.perfagent.model;

/** A file's identity on a running machine, whatever its names. */
public record FileId(int deviceMajor, int deviceMinor, long inode) {}
