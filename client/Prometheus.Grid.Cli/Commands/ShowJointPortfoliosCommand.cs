using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid show-joint-portfolios</c>.</summary>
internal sealed class ShowJointPortfoliosCommand() : ShowJointCommand(
    "show-joint-portfolios", "List joint vectors of portfolios by date and id", "--portfolio-id", "joint-portfolio-core-v1",
    "grid show-joint-portfolios --as-of 2023-11-30",
    "grid show-joint-portfolios --start 2021-12-31 --end 2023-11-30 --portfolio-id PF_D_0001")
{
    protected override string[] IdColumns => ["portfolio_id"];

    protected override object?[] Ids(JointRow row) => [row.EntityId];
}
