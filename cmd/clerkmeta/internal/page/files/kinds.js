// The five kinds of entities: what a list shows of them, and how their metadata is written.
import { date } from './dom.js'

const person = (u) => [u.first_name, u.last_name].filter(Boolean).join(' ') || u.username || ''
const segment = encodeURIComponent

export const kinds = {
  users: {
    one: 'user', title: 'Users', search: 'id, name, address, username',
    columns: {
      Name: (u) => person(u) || '–',
      Address: (u) => u.email_addresses?.[0]?.email_address ?? u.phone_numbers?.[0]?.phone_number ?? '',
      Id: (u) => u.id,
      Updated: (u) => date(u.updated_at),
    },
    name: (u) => person(u) || u.id,
    fields: ['public_metadata', 'private_metadata', 'unsafe_metadata'],
    path: (u) => `/v1/users/${segment(u.id)}/metadata`,
    related: (u) => ({ Memberships: ['memberships', u.id], Sessions: ['sessions', u.id] }),
  },
  organizations: {
    one: 'organization', title: 'Organizations', search: 'id, name, slug',
    columns: { Name: (o) => o.name, Slug: (o) => o.slug, Id: (o) => o.id, Updated: (o) => date(o.updated_at) },
    name: (o) => o.name,
    fields: ['public_metadata', 'private_metadata'],
    path: (o) => `/v1/organizations/${segment(o.id)}/metadata`,
    related: (o) => ({ Memberships: ['memberships', o.id], Invitations: ['invitations', o.id] }),
  },
  memberships: {
    one: 'membership', title: 'Memberships', search: 'id, organization, user',
    columns: {
      Organization: (m) => m.organization.name,
      User: (m) => person(m.public_user_data) || m.public_user_data.user_id,
      Role: (m) => m.role,
      Id: (m) => m.id,
    },
    name: (m) => `${person(m.public_user_data) || m.public_user_data.user_id} in ${m.organization.name}`,
    fields: ['public_metadata', 'private_metadata'],
    path: (m) => `/v1/organizations/${segment(m.organization.id)}/memberships/${segment(m.public_user_data.user_id)}/metadata`,
    related: (m) => ({ User: ['users', m.public_user_data.user_id], Organization: ['organizations', m.organization.id] }),
  },
  invitations: {
    one: 'invitation', title: 'Invitations', search: 'id, address, organization',
    columns: { Address: (i) => i.email_address, To: (i) => i.organization_id ?? 'the application', Status: (i) => i.status, Id: (i) => i.id },
    name: (i) => i.email_address,
    related: (i) => i.organization_id ? { Organization: ['organizations', i.organization_id] } : {},
  },
  sessions: {
    one: 'session', title: 'Sessions', search: 'id, user',
    columns: { User: (s) => s.user_id, Status: (s) => s.status, Id: (s) => s.id, Updated: (s) => date(s.updated_at) },
    name: (s) => s.id,
    related: (s) => ({ User: ['users', s.user_id] }),
  },
}
