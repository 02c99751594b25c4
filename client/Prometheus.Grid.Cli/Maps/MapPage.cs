using System.Net;
using System.Text.Json;

namespace Prometheus.Grid.Cli.Maps;

/// <summary>The picture as a page of its own: click or search an entity to see its nearest neighbours. Loads nothing from anywhere.</summary>
internal static class MapPage
{
    public static void Write(SpaceMap map, TextWriter writer)
    {
        writer.Write($$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{{WebUtility.HtmlEncode(map.Title)}}</title>
            <style>body{font:14px sans-serif;margin:1rem;max-width:1100px}svg{width:100%;height:auto;border:1px solid #ddd}
            circle[data-row]{cursor:pointer}svg.picked circle[data-row]{fill-opacity:.12}svg circle.on{fill-opacity:1!important;stroke:#000}
            svg circle.target{stroke:#000;stroke-width:3;fill-opacity:1!important}input{width:20em;padding:.3em}</style></head><body>
            <p><label>Find <input id="find" list="ids" placeholder="id or name"></label> <span id="said">Click a point to see its nearest neighbours.</span></p>
            <datalist id="ids"></datalist>

            """);
        MapPicture.Write(map, writer);
        // The default encoder escapes <, > and &, so that no name can end the script.
        writer.Write("<script>const points=");
        writer.Write(JsonSerializer.Serialize(map.Points.Select(p => new object[] { p.EntityId, p.Name, p.Neighbours, p.Distances.Select(d => Math.Round(1 - d, 4)) })));
        writer.Write("""
            ;
            const svg=document.querySelector('svg'),dots=[...document.querySelectorAll('circle[data-row]')],said=document.getElementById('said');
            const label=i=>points[i][1]?points[i][0]+' '+points[i][1]:points[i][0];
            for(const i of points.keys()){const o=document.createElement('option');o.value=label(i);document.getElementById('ids').append(o);}
            function pick(i){svg.classList.add('picked');for(const d of dots)d.classList.remove('on','target');dots[i].classList.add('target');
             for(const n of points[i][2])dots[n].classList.add('on');
             said.textContent=label(i)+': '+points[i][2].map((n,k)=>label(n)+' ('+points[i][3][k]+')').join(', ');}
            for(const d of dots)d.addEventListener('click',()=>pick(+d.dataset.row));
            document.getElementById('find').addEventListener('change',e=>{const t=e.target.value.toLowerCase();
             let i=points.findIndex((p,k)=>label(k).toLowerCase()===t||p[0].toLowerCase()===t);if(i<0)i=points.findIndex((p,k)=>label(k).toLowerCase().includes(t));if(i>=0)pick(i);});
            </script></body></html>

            """);
    }
}
