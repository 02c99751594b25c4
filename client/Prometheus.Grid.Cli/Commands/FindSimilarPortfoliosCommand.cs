using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid find-similar-portfolios</c>.</summary>
internal sealed class FindSimilarPortfoliosCommand() : FindSimilarCommand(
    "find-similar-portfolios", "Find the portfolios most like one, exactly", "--portfolio-id", "joint-portfolio-core-v1", [], [],
    "grid find-similar-portfolios --portfolio-id PF_D_0001 --as-of 2023-11-30 --top-k 5 --format table",
    "grid find-similar-portfolios --portfolio-id PF_D_0001 --as-of 2023-11-30 --start 2021-12-31 --end 2023-11-30")
{
    protected override EntityKind Entity => EntityKind.Portfolio;

    protected override string[] Columns => ["cosine", "euclidean", "portfolio_id", "source"];

    protected override object?[] Cells(SimilarityHit hit) => [hit.Cosine, hit.Euclidean, hit.EntityId, hit.Source];
}
