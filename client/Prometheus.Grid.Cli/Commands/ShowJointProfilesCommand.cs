using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid show-joint-profiles</c>.</summary>
internal sealed class ShowJointProfilesCommand() : ShowJointCommand(
    "show-joint-profiles", "List joint vectors of issuers by date and id", "--issuer-id", "joint-profile-core-v1",
    "grid show-joint-profiles --as-of 2023-11-30 --limit 20",
    "grid show-joint-profiles --start 2022-01-01 --end 2023-12-31 --issuer-id ISS_AAPL --format json")
{
    protected override string[] IdColumns => ["issuer_id", "instrument_id"];

    protected override object?[] Ids(JointRow row) => [row.EntityId, row.InstrumentId];
}
