using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid show-joint-portfolios</c>.</summary>
internal sealed class ShowJointPortfoliosCommand() : ShowJointCommand(
    "show-joint-portfolios", "List joint vectors of portfolios by date and id", "--portfolio-id", "joint-portfolio-core-v1",
    "grid show-joint-portfolios --as-of 2023-11-30",
    "grid show-joint-portfolios --start 2021-12-31 --end 2023-11-30 --portfolio-id PF_D_0001")
{
    protected override string[] Columns => ["as_of_date", "portfolio_id", "model_id", "dim", "l2_norm"];

    protected override object?[] Cells(JointRow row, double norm) => [row.AsOf, row.EntityId, row.ModelId, row.Vector.Length, norm];
}
