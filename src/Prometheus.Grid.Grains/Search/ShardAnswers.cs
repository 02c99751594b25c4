using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Search;

/// <summary>Puts together what shards answered.</summary>
internal static class ShardAnswers
{
    /// <summary>The best of all candidates, over all rows that were compared; whoever is missing from a part is missing from the whole.</summary>
    public static ShardAnswer Merge(IReadOnlyList<ShardAnswer> answers, int topK) => answers is [var only] ? only : new ShardAnswer(
        CandidateOrder.Merge(answers.Select(answer => answer.Best), topK),
        answers.Sum(answer => answer.Candidates),
        [.. answers.SelectMany(answer => answer.Missing)],
        answers.FirstOrDefault(answer => answer.Reason is not null)?.Reason);
}
