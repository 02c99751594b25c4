using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Prometheus.Grid.Similarity.Tests")]
[assembly: InternalsVisibleTo("Prometheus.Grid.Bench")]
