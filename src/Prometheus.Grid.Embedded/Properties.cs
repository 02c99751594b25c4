using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Prometheus.Grid.Embedded.Tests")]
