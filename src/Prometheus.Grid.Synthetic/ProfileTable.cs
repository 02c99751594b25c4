namespace Prometheus.Grid.Synthetic;

/// <summary>Writes profiles.csv: the texts of every listed company on every report date.</summary>
internal static class ProfileTable
{
    private const int Batch = 1_024;

    public static async Task WriteAsync(PendingFiles files, SyntheticMarketOptions options, DrawnCompany[] drawn, DateOnly[] axis, CancellationToken cancellationToken)
    {
        var file = files.Create("profiles.csv", "issuer_id,as_of_date,business_description,risk_summary,recent_events_summary");
        for (int report = 0; report < options.ReportDates.Count; report++)
        {
            int number = report;
            string date = SyntheticMarket.Text(options.ReportDates[report]);
            int end = SyntheticMarket.CountUntil(axis, options.ReportDates[report]);
            var listed = drawn.Where(d => d.Company.HasProfile && d.Company.ListedFrom < end && d.Company.ListedUntil >= end - 1).ToArray();
            foreach (var batch in listed.Chunk(Batch))
            {
                var rows = new CsvBuffer[batch.Length];
                Parallel.For(0, batch.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
                {
                    var company = batch[i].Company;
                    rows[i] = new CsvBuffer();
                    rows[i].Text(company.IssuerId).Text(date).Text(BusinessText.Business(options.Seed, company)).Text(BusinessText.Risks(options.Seed, company))
                        .Text(BusinessText.Events(options.Seed, company, number, batch[i].QuarterReturns[number])).EndRow();
                });
                foreach (var row in rows)
                    await file.WriteAsync(row.Written, cancellationToken);
            }
        }
    }
}
