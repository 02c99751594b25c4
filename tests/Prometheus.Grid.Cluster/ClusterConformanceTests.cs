using Prometheus.Grid.Conformance.Grids;

namespace Prometheus.Grid.Cluster;

/// <summary>A cluster is a grid: the suite of every grid, asked through the client.</summary>
public sealed class ClusterConformanceTests(ClusterOfThree fixture) : GridConformance<ClusterOfThree>(fixture);
