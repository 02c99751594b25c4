namespace Prometheus.Grid.Analysis.Groups;

/// <summary>
/// Terms that tell groups from the rest: by the z-score of the log odds of a document to have the term, in the group against outside of it,
/// with the whole as prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words", section 3.5).
/// </summary>
internal static class TellingTerms
{
    /// <summary>How many are named.</summary>
    public const int Most = 5;

    /// <summary>Documents that the prior counts for.</summary>
    private const double PriorDocuments = 10;

    /// <summary>A term with less is no more frequent in the group than chance may make it.</summary>
    private const double LeastScore = 1.96;

    /// <summary>Outside of the group no more of the documents may have a word: what many say tells nobody apart, however much more some say it.</summary>
    private const double MostOutside = 0.2;

    /// <summary>A term of one member is its name rather than the group's trade.</summary>
    private const int FewestMembers = 2;

    /// <summary>Finds them.</summary>
    /// <param name="terms">All terms; a pair is written <c>first second</c>.</param>
    /// <param name="documents">For each document which terms it has, each once.</param>
    /// <param name="groups">For each document its group.</param>
    /// <param name="count">Number of groups.</param>
    /// <returns>For each group its terms, the most telling first.</returns>
    public static IReadOnlyList<string>[] Of(IReadOnlyList<string> terms, IReadOnlyList<int>[] documents, IReadOnlyList<int> groups, int count)
    {
        int[] inAll = new int[terms.Count], sizes = new int[count];
        var inGroup = new Dictionary<int, int>[count];
        for (int g = 0; g < count; g++)
            inGroup[g] = [];
        for (int d = 0; d < documents.Length; d++)
        {
            sizes[groups[d]]++;
            foreach (int term in documents[d])
            {
                inAll[term]++;
                inGroup[groups[d]][term] = inGroup[groups[d]].GetValueOrDefault(term) + 1;
            }
        }
        // A pair is as common as its words; one of which a word is no term at all, such as "in", is no term here either.
        var places = terms.Index().ToDictionary(term => term.Item, term => term.Index, StringComparer.Ordinal);
        int[][] wordsOf = [.. terms.Select(term => term.Split(' ').Select(word => places.GetValueOrDefault(word, -1)).ToArray())];
        var telling = new IReadOnlyList<string>[count];
        for (int g = 0; g < count; g++)
        {
            var own = inGroup[g];
            int outside = documents.Length - sizes[g];
            bool IsCommon(int word) => word < 0 || inAll[word] - own.GetValueOrDefault(word) > MostOutside * outside;
            var scored = own.Where(term => term.Value >= FewestMembers && !Array.Exists(wordsOf[term.Key], IsCommon))
                .Select(term => (Text: terms[term.Key], Score: Score(term.Value, sizes[g], inAll[term.Key], documents.Length)))
                .Where(term => term.Score >= LeastScore)
                .OrderByDescending(term => term.Score).ThenBy(term => term.Text, StringComparer.Ordinal);
            telling[g] = Distinct(scored.Select(term => term.Text));
        }
        return telling;
    }

    private static double Score(int inGroup, int size, int inAll, int all)
    {
        double share = (double)inAll / all, prior = PriorDocuments * share, other = PriorDocuments - prior;
        double has = inGroup + prior, lacks = size - inGroup + other;
        double hasOutside = inAll - inGroup + prior, lacksOutside = all - size - (inAll - inGroup) + other;
        // A term that every document has, or a group that is everybody, tells nothing.
        if (lacks + lacksOutside <= 0 || size == all)
            return 0;
        double odds = Math.Log(has / lacks) - Math.Log(hasOutside / lacksOutside);
        return odds / Math.Sqrt((1 / has) + (1 / hasOutside));
    }

    /// <summary>The first few, without those that say a word again which stands already.</summary>
    private static List<string> Distinct(IEnumerable<string> terms)
    {
        var kept = new List<string>();
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (string term in terms)
        {
            string[] own = term.Split(' ');
            if (own.Any(words.Contains))
                continue;
            kept.Add(term);
            words.UnionWith(own);
            if (kept.Count == Most)
                break;
        }
        return kept;
    }
}
